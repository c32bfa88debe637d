"""What the checks of the audit find, as codes; sentences are made by ``osteon.data.audit.problem_words``."""

from __future__ import annotations

from enum import StrEnum


class ProblemCode(StrEnum):
    """All that the checks find; the values that each brings stand behind it.

    ``count`` is a number of images where nothing else is said, ``parts`` are those of the split.
    """

    # Files.
    ROWS_GREY = "rows_grey"
    """``share`` of the rows, from the bottom."""
    BROKEN_IN_ONE_FOLDER = "broken_in_one_folder"
    """``count`` of broken files, and their ``folder``."""
    NOT_IN_LAYOUT = "not_in_layout"
    """``count``."""
    SYSTEM_FILES = "system_files"
    """``count`` of files."""
    EMPTY_FOLDERS = "empty_folders"
    """``count`` of folders."""

    # Copies.
    IDENTICAL = "identical"
    """``count`` of files, whether they are ``broken``, and whether they are listed as views of ``one_study``."""
    ALIKE = "alike"
    """``variant``, a ``Variant``; ``distance``: differing bits of the hashes, of 256; ``correlation`` of the images."""
    ALIKE_WHERE_DECODABLE = "alike_where_decodable"
    """Likewise, over the decodable part of a truncated file."""
    COPIES_LABELLED_DIFFERENTLY = "copies_labelled_differently"
    """``only_first``: labels that are 1 in the first image and 0 in the second; ``only_second``: the reverse."""

    # The split.
    IN_TWO_PARTS = "in_two_parts"
    """``first`` and ``second``: the part of each image."""
    NUMBERS_IN_TWO_PARTS = "numbers_in_two_parts"
    """``apart``: difference of their numbers, ``first`` and ``second``."""
    GROUP_IN_SEVERAL_PARTS = "group_in_several_parts"
    """``column``: patient or study, and its ``parts``."""
    CASE_IN_SEVERAL_PARTS = "case_in_several_parts"
    """``parts`` in which a case number stands."""
    CASE_IN_TWO_FOLDERS = "case_in_two_folders"
    """``first`` and ``second`` folder in which a case number stands."""
    PATIENTS_UNKNOWN = "patients_unknown"
    """``group``: the columns that the split should be grouped by instead."""
    IN_NO_PART = "in_no_part"
    """``count`` of ``images``; ``constant``: labels that have one value in all other images, ``constant_values``."""

    # People.
    AGE_ABOVE = "age_above"
    """``limit`` in years."""
    AGE_OUTSIDE_CARD = "age_outside_card"
    """``youngest`` and ``oldest`` of the dataset's card, in years."""
    AGES_DIFFER = "ages_differ"
    AGE_ZERO = "age_zero"
    """``count``."""
    HEADER_AGE_ABOVE = "header_age_above"
    """``limit`` in years."""
    HEADER_AGE_DIFFERS = "header_age_differs"
    HEADER_DIFFERS = "header_differs"
    """``header`` and ``table``: the sex or side that each states."""
    SEXES_DIFFER = "sexes_differ"
    """``column``: patient or study, and ``sexes``."""

    # Views.
    VIEWS_MISSING = "views_missing"
    """``views``."""
    VIEWS_REPEATED = "views_repeated"
    """``views``."""
    SIDES_DIFFER = "sides_differ"

    # Labels, boxes and counts.
    BOXES_OF_ABSENT_LABELS = "boxes_of_absent_labels"
    """``labels``."""
    BOXES_SMALL = "boxes_small"
    """``count`` of boxes; ``share``: their median area as a share of the image."""
    COUNT_DIFFERS = "count_differs"
    """``figure`` in the card's words, as ``published`` and as ``found``."""

    # Shortcuts.
    ATTRIBUTE_PREDICTS_LABEL = "attribute_predicts_label"
    """``attribute``, ``label``, ``auc`` and the ends of its 95 % interval (``low``, ``high``); the values with the most and
    the fewest positives (``highest``, ``highest_share``, ``lowest``, ``lowest_share``), where two values are frequent; how
    many ``attributes`` and ``labels`` were tried."""

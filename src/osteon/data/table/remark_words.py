"""The sentences of remarks on a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.values import Value, Values
from osteon.core.wording.faults import fault_words
from osteon.data.table.remark_code import NoMatch, RemarkCode

_C: Final = RemarkCode
_SAVE: Final = "which is not read (save them as PNG, TIFF, JPEG or DICOM)"
TEMPLATES: Final[Mapping[RemarkCode, str | tuple[str, ...]]] = {
    _C.FILE_MISSING: "the file does not exist",
    _C.IS_FOLDER: "a folder, not a file",
    _C.FILE_EMPTY: "the file is empty",
    _C.FILE_UNOPENED: "the file cannot be opened ({error})",
    _C.NOT_PERMITTED: "the file may not be opened (permissions)",
    _C.FOLDER_UNOPENED: "the folder cannot be opened ({error})",
    _C.FAULT: "{fault}",
    _C.UNREAD: "{problem}",
    _C.LEFT_OUT_UNREAD: "left out: {problem}",
    _C.LINK_LEFT_OUT: "a link to a folder that is read under another name; left out",
    _C.HIDDEN_FOLDER: "a hidden folder with images; they are left out",
    _C.MASK_LEFT_OUT: "one of the masks, not radiographs; left out",
    _C.MASKS_LEFT_OUT: "{count} such masks, not radiographs; left out",
    _C.KIND_LEFT_OUT: f"one of the files of the kind {{suffix}}, {_SAVE}; left out",
    _C.KINDS_LEFT_OUT: f"{{count}} such files of the kind {{suffix}}, {_SAVE}; left out",
    _C.FORMAT_UNREAD: "a {format} image, which is not read (save it as PNG, TIFF or JPEG)",
    _C.UNIDENTIFIED: "not an image that can be identified",
    _C.IMAGE_ENDS_EARLY: "the image data end early",
    _C.IMAGE_UNDECODED: "the image data cannot be decoded",
    _C.HEADER_DAMAGED: "the header is damaged ({error})",
    _C.NOT_DICOM: "not a DICOM file",
    _C.NOT_DICOM_LEFT_OUT: "not a DICOM file; left out",
    _C.SIZE_SEVERAL: "the size of the image has several values",
    _C.DEFLATED_WRAPPED: "the data set is deflated with a header of zlib or gzip, which few programs read",
    _C.FLOAT_PIXELS: "its pixels are floating point numbers, which are not read",
    _C.PIXELS_END_EARLY: "the pixel data end early",
    _C.DISC_DIRECTORY: "the directory of a disc, not an image; left out",
    _C.NOT_IMAGE: "not an image but {object}; left out",
    _C.NO_IMAGE: "the DICOM object holds no image",
    _C.NOT_BELOW_STUDY: "it is not below a region, patient and study",
    _C.NOT_BELOW_CASE: "it is not below a class and a case",
    _C.NOT_BELOW_IMAGES: "it is not below a folder named images, nor next to a text file",
    _C.NO_CLASS_FOLDER: "it is not in a class folder",
    _C.IN_NO_FOLDER: "it is in neither {folders:nor}",
    _C.FOLDER_NO_CLASS: "its folder {folder} is not a class; its labels are unknown",
    _C.FOLDERS_SEVERAL_PARTS: "its folders name several split parts ({parts:and}); its part is unknown",
    _C.PARTS_IN_NAMES: "the names of the folders contain split parts: {folders}",
    _C.FOLDS: "{count} folds of a cross-validation, which are not split parts; their parts are unknown",
    _C.PART_WITHOUT_CLASSES: "the part {part} has no folder {labels}; these labels are 0 in all of it",
    _C.IMAGES_IN_SEVERAL_PARTS: "{count} images are in several parts, {image} among them; their part is unknown",
    _C.LISTS_NAME_SEVERAL_PARTS: "the lists of parts name it in {parts:and}; its part is unknown",
    _C.PART_NOT_BELOW: "{part}: {stated} is not below the folder; its images are assigned by their folders",
    _C.IN_TWO_LISTS: "listed in {taken} and in {other}; taken as {taken}",
    _C.VIEW_NEITHER: "neither front nor side of its case",
    _C.VIEW_SECOND: "a second {view} view of its case",
    _C.VIEW_ALONE: "only the {view:no} view can be read",
    _C.LISTED_NO_FILE: "listed in {file}, but there is no such file",
    _C.LISTED_UNMATCHED: "listed in {where}, but {reason}",
    _C.MATCHED_BY_ENDS: "{count} of its names are not paths of images and were matched by their ends: {stated!r} is {image}",
    _C.NO_ROW: "no row in {file}; its labels are unknown",
    _C.NO_ROW_LEFT_OUT: "no row in {file}",
    _C.NO_ROW_FOLDER_TAKEN: "no row in {file}; label taken from the folder",
    _C.NO_ROW_OF_PERSON: "no row in {file}; age and sex unknown",
    _C.ROW_WITHOUT_FOLDER: "a row whose case has no folder",
    _C.ROWS_OF_NO_FILE: "{count} rows belong to no file (the first of them: {where})",
    _C.ROWS_OF_NO_IMAGE: "{count} rows belong to no image that is read (the first of them: {where})",
    _C.NAMES_NO_IMAGE: "{where}: it names no image; left out",
    _C.NAMED_WITHOUT_IMAGE: "{file} names it, but it has no image",
    _C.ANNOTATED_NO_FILE: "annotated, but there is no such file",
    _C.NO_FILE_OF_BOXES_AT_ALL: "there is no such file; no image has boxes",
    _C.NO_FILE_OF_PEOPLE: "there is no such file; ages and sexes are unknown",
    _C.NO_COLUMN_OF_CASES: "no column of {columns} names the cases; ages and sexes are unknown",
    _C.NO_COLUMN_OF_IMAGES: "it has no column image, and is not read",
    _C.NO_BOXES_FILE: "no file of boxes",
    _C.NO_BOXES_FILE_UNKNOWN: "no file of boxes; its labels are unknown",
    _C.BOXES_WITHOUT_IMAGE: "a file of boxes without an image",
    _C.LINE_WITHOUT_IMAGE: "line {line}: there is no such image",
    _C.LINE_AMBIGUOUS: "line {line}: several images have this name",
    _C.NO_LABEL_STATED: "neither its folder nor the list has a label",
    _C.LABELS_DIFFER: "the study's folder says {folder:no known label}, the list says {listed:no known label}; taken as unknown",
    _C.VOTES_DIFFER: (
        (
            "folder says {folder}, dataset.csv {stated:nothing}, {boxes} boxes and {unusable} that cannot be "
            "used; {taken} taken"
        ),
        "folder says {folder}, dataset.csv {stated:nothing}, {boxes} boxes; {taken} taken",
        "folder says {folder}, dataset.csv {stated:nothing}, no file of boxes; {taken} taken",
    ),
    _C.FLAG_AND_BOXES_DIFFER: "fracture_visible is {flag}, but there are {boxes} fracture boxes; {taken} taken",
    _C.CELL_NOT_BINARY: "{file}, {where}: its {column} is neither 1 nor 0; taken as unknown",
    _C.CELL_NOT_BINARY_FOLDER_TAKEN: "{file}, {where}: its {column} is neither 1 nor 0; label taken from the folder",
    _C.CELL_NO_LABEL: "{where}: {column} is {cell}; taken as unknown (write 1, 0 or nothing)",
    _C.CELL_UNPARSED: "{where}: its {column} cannot be parsed; taken as unknown",
    _C.LINE_NO_LABEL: "line {line}: expected a study and 1 or 0; taken as unknown",
    _C.STUDY_NAMED_TWICE: "line {line}: the study {study} is named before with another label; taken as unknown",
    _C.AGE_UNCLEAR: "its age cannot be understood; taken as unknown",
    _C.SEX_UNCLEAR: "its sex cannot be understood; taken as unknown",
    _C.NO_FINDING_AND_LESION: "annotated both as no finding and with a lesion; lesion taken",
    _C.LESION_UNLISTED: "lesion type {lesion} is not in the paper's list; other lesions are unknown",
    _C.LESION_BLANK: "{file}, {where}: no lesion type; other lesions are unknown",
    _C.SPELLINGS: "{names:quoted} are one label, {label}",
    _C.SIZE_STATED: "{where} says {stated_width} x {stated_height}, the image is {width} x {height}",
    _C.SIZE_STORED: "the COCO file says {stated_width} x {stated_height}, the file stores {width} x {height}",
    _C.SIZE_TURNED: (
        "the COCO file says {stated_width} x {stated_height}, the file stores {width} x {height}; EXIF "
        "orientation {orientation} explains it, boxes fit upright"
    ),
    _C.BOXES_UNREAD: "its boxes cannot be read: {problem}",
    _C.OUTLINES_UNREAD: "its outlines cannot be read: {file}: {problem}",
    _C.OUTLINE_UNCLEAR: "{where}: its outline cannot be understood (expected [[x, y, ...], ...]); its box is kept",
    _C.BOX_REPEATED: "{label}: the same box {count} times; kept",
    _C.BOX_NO_NUMBER: "{label}: a corner is missing or not a number; box dropped",
    _C.BOX_CORNERS_SWAPPED: "{label}: corners in the wrong order; exchanged",
    _C.BOX_THIN: "{label}: {width:.4g} x {height:.4g} px; box dropped",
    _C.BOX_TURNED: "{label}: x and y look exchanged ({width} x {height} px); box dropped",
    _C.BOX_OUTSIDE: "{label}: it is outside the image ({width} x {height} px); box dropped",
    _C.BOX_BEYOND: "{label}: reaches {pixels:.1f} px beyond the image; clipped",
    _C.OUTLINE_INVALID: "{label}: {count} numbers, or some not finite, are no outline; dropped, its box kept",
    _C.OUTLINE_OUTSIDE: "{label}: an outline is outside the image; dropped",
    _C.LINE_SEPARATORS: (
        "its boxes cannot be read: {file}, line {line}: numbers are separated by blanks, and their decimals by a point"
    ),
    _C.LINE_NO_NUMBERS: "its boxes cannot be read: {file}, line {line}: expected a class and numbers",
    _C.LINE_CLASS: "its boxes cannot be read: {file}, line {line}: its class is not one of the {count} that are named",
    _C.LINE_NOT_FINITE: "its boxes cannot be read: {file}, line {line}: a number is not finite",
    _C.LINE_LENGTH: (
        "its boxes cannot be read: {file}, line {line}: {count} numbers after the class are neither a box nor an "
        "outline"
    ),
    _C.CLASSES_TAKEN: "the classes are taken from it",
    _C.CLASS_COUNT_DIFFERS: "nc is {stated}, but {count} classes are named; the names are taken",
    _C.SUPERCATEGORY: "no annotation is of {label}, the supercategory of others: it is not a class",
    _C.NO_COCO_LISTS_IT: "no COCO file lists it",
    _C.NOT_COCO: "not a COCO file; left out: {problem}",
    _C.LISTED_SEVERAL_TIMES: "listed {count} times ({where}); they are merged",
    _C.LISTED_IN_SEVERAL_PARTS: "listed as {parts:and as} ({where}); its part is unknown",
    _C.ID_OF_SEVERAL_IMAGES: "several images of {file} have its id; its labels are unknown",
    _C.ID_GIVEN_TO_SEVERAL: "id {id} is given to {count} images: whose its annotations are is unknown",
    _C.NO_ANNOTATIONS: "it holds no annotations, which may have been withheld: it says nothing of its images",
    _C.ENTRY_NO_OBJECT: "{where}: not an object; left out",
    _C.ENTRY_INCOMPLETE: "{where}: missing or no text; the image is left out",
    _C.ENTRY_REPEATED: "{where}: the same id and file once more; taken once",
    _C.ENTRY_WITHOUT_IMAGE: "{where}: no image has this id; left out",
    _C.CATEGORY_INCOMPLETE: "{where}: a category needs an id and a name; its annotations are of an unknown category",
    _C.CATEGORY_ID_TWICE: "{where}: id {id} is given to two categories; which is meant is unknown",
    _C.CATEGORIES_UNNAMED: "{where}: no categories are named; called {label}",
    _C.NO_CATEGORY_OF_ID: "{where}: no category has this id; what was seen is unknown",
    _C.OUTLINE_NO_NUMBERS: "{where}: an outline is not made of numbers; left out",
    _C.BOX_NOT_FINITE: "{where}: a number is missing or not finite; its box cannot be used",
    _C.BOX_MISSING: "{where}: expected four numbers; its box cannot be used",
    _C.BOX_FROM_OUTLINE: "{where}: expected four numbers; the box is taken from its outline",
    _C.NO_XML: "no XML file; its labels are unknown",
    _C.XML_UNREAD: "its XML file cannot be read; its labels are unknown",
    _C.OBJECT_UNNAMED: "object {object} has no name: its class is unknown",
    _C.OBJECT_WITHOUT_CORNERS: "object {object} has no corners; its box is taken from its outline",
    _C.NAME_OF_SEVERAL_IMAGES: "{count} images have its name, and it is ambiguous which is meant; left out",
    _C.OTHER_IMAGE_NAMED: "it has the name of {image}, but says that it is of {named}; left out",
    _C.OF_NO_IMAGE: "{file} is of it, but there is no such image",
    _C.FILES_MERGED: "it has {count} files ({files}); they are merged",
    _C.LINE_TOO_LONG: "line {line} has {count} cells, the header {columns}; left out (quote cells with a comma)",
    _C.LINE_TOO_SHORT: "line {line} has {count} of {columns} cells; the others are unknown",
    _C.KEY_BLANK: "{where}: its key is blank; left out",
    _C.ROWS_IDENTICAL: "{where} are identical; taken once",
    _C.ROWS_CONTRADICT: (
        (
            "{where} have the same key and contradict each other in {opposed}, which is taken as unknown; differ "
            "in {blank}, which some leave blank"
        ),
        "{where} have the same key and contradict each other in {opposed}, which is taken as unknown",
        "{where} have the same key and differ in {blank}, which some leave blank",
    ),
    _C.NOT_UTF8: "it is not UTF-8; read as {encoding} (save it as UTF-8)",
    _C.SEPARATOR: "its cells are separated by {separator}",
    _C.COLUMN_UNNAMED: "column {column} has no name; its {count} cells (from line {line} on) are not read",
    _C.COLUMN_CONTRADICTS: (
        "column {column} occurs {times} times, and {count} rows (from line {line} on) contradict each other in "
        "it; taken as unknown"
    ),
    _C.COLUMN_REPEATED: "column {column} occurs {times} times with the same values",
    _C.COLUMN_RENAMED: "column {before} is read as {after}",
    _C.COLUMNS_UNREAD: "not read: {columns} (a column of labels is called label_<name>)",
    _C.COLUMNS_UNREAD_NO_LABEL: "not read: {columns}; no column is a label (a column of labels is called label_<name>)",
    _C.OTHER: "{problem}",
}
"""The sentence of each code; of several the first counts whose values are all there."""

NO_MATCH: Final[Mapping[NoMatch, str]] = {
    NoMatch.BLANK: "the name is blank",
    NoMatch.NO_FILE: "there is no such file",
    NoMatch.OTHER_FOLDER: "there is no such file; one of this name is in another folder",
    NoMatch.SEVERAL_FILES: "{count} files have this name, and it is ambiguous which is meant",
    NoMatch.SEVERAL_NAMES: "{count} different names may refer to {image}",
}


class _TemplateFormatter(Formatter):
    """What stands behind the colon of a value depends on its type.

    Lists are joined by that word (by commas without one), or ``quoted``; it replaces an empty text, and a truth value that
    is true (a false one is left out); of a whole number only ``,`` counts.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, tuple):
            quoted = format_spec == "quoted"
            joint = " and " if quoted else f" {format_spec} " if format_spec else ", "
            return joint.join(repr(item) if quoted else str(item) for item in value)
        if isinstance(value, str):
            return value or format_spec
        if isinstance(value, bool) and format_spec:
            return format_spec if value else ""
        if isinstance(value, int):
            return format(value, "," if format_spec == "," else "")
        return format(value, format_spec)


WORDS: Final = _TemplateFormatter()
"""What fills templates with values."""


def remark_words(code: RemarkCode, values: Values) -> str:
    """The sentence of a remark, without a full stop; where a value is missing, the name of its code."""
    filled = _filled(code, values)
    whole = (text for text in alternatives(code) if fields(text) <= filled.keys())
    return next((WORDS.vformat(text, (), filled) for text in whole), code.value.replace("_", " "))


def fields(text: str) -> set[str]:
    """The values that a template names."""
    return {name for _, name, _, _ in WORDS.parse(text) if name}


def alternatives(code: RemarkCode) -> tuple[str, ...]:
    """The templates of a code, the fullest first."""
    found = TEMPLATES[code]
    return (found,) if isinstance(found, str) else found


def _filled(code: RemarkCode, values: Values) -> dict[str, Value]:
    """Values with the words that stand for some of them."""
    filled = dict(values)
    if code is RemarkCode.FAULT and "fault" in values:
        rest = {name: value for name, value in values.items() if name != "fault"}
        filled["fault"] = fault_words(Fault(FaultCode(str(values["fault"])), rest)).problem
    elif code is RemarkCode.LISTED_UNMATCHED and "why" in values:
        filled["reason"] = NO_MATCH[NoMatch(str(values["why"]))].format_map(filled)
    elif more := values.get("more"):
        filled["where"] = f"{', '.join(_items(values['where']))} and {more} more"
    return filled


def _items(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)

"""What a recipe asks for that its kind of network, or the command line, cannot give: checked where a run begins."""

from __future__ import annotations

from osteon.core.errors import RecipeError
from osteon.learning.recipe.recipe import Recipe


def check_possible(recipe: Recipe, teacher: str) -> None:
    """Check that a run can do what its recipe says.

    Args:
        recipe: with its settings.
        teacher: predictions to learn from, or empty.

    Raises:
        RecipeError: it cannot.
    """
    check_teacher(recipe, teacher)
    _check_copies(recipe)


def check_teacher(recipe: Recipe, teacher: str) -> None:
    """Check that a teacher is named where the recipe wants one, and only there.

    Raises:
        RecipeError: it is not so, or the recipe's labels cannot be softened.
    """
    share = 0.0 if recipe.loss is None else recipe.loss.teacher
    wanted = share > 0 or recipe.sampling.hard_share > 0
    if wanted and not teacher:
        raise RecipeError(
            "the recipe wants a teacher",
            hint="Name its predictions with --teacher, or set loss.teacher and sampling.hard_share to 0.",
        )
    if teacher and not wanted:
        raise RecipeError(
            "the recipe makes no use of a teacher",
            hint="Set how much it counts: --set loss.teacher=0.5, --set sampling.hard_share=0.3.",
        )
    if share > 0 and (recipe.task.activation != "sigmoid" or len(recipe.task.labels) > 1):
        raise RecipeError("only the answer to one question can be taken from a teacher", expected="one label, sigmoid")


def _check_copies(recipe: Recipe) -> None:
    loss, views = recipe.loss, recipe.images.together
    if loss is not None and loss.consistency and (recipe.task.activation != "sigmoid" or views):
        raise RecipeError(
            "loss.consistency compares probabilities of single images",
            expected="sigmoid, one image in a case",
            got=recipe.name,
        )
    if recipe.sampling.paste_share and (views or len(recipe.task.labels) > 1):
        raise RecipeError(
            "sampling.paste_share pastes one kind of finding into single images", expected="one label", got=recipe.name
        )

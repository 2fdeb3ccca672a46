"""What is trained: one recipe a task, each a page of its own, and the table that names them.

A recipe's module imports torch; its row (`rows/`) does not, until the recipe is asked for.
"""

from catseye.training.recipes.rows.autoencoder import AUTOENCODER
from catseye.training.recipes.rows.digits import DIGITS
from catseye.training.recipes.rows.gan import GAN
from catseye.training.recipes.rows.road import ROAD
from catseye.training.recipes.rows.row import RecipeRow
from catseye.training.recipes.rows.sparse import SPARSE

RECIPES: dict[str, RecipeRow] = {row.task: row for row in (AUTOENCODER, DIGITS, GAN, ROAD, SPARSE)}

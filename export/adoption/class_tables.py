"""What the ids of an adopted network stand for: a classes.json, a table that many networks were
trained with, or numbers. Data, and how `--classes` is read.

Sources: cityscapes, the 19 classes of the benchmark in the order of their train ids (Cordts et al.
2016), which BDD100K's semantic segmentation shares (Yu et al. 2020); coco-stuff, the 80 things and
91 stuffs of COCO-Stuff 164k in their alphabetical order (Caesar et al. 2018).
"""

import os

from catseye.runtime.classes import CAMVID, VOID, ClassTable, listed, with_missing_colours
from catseye.runtime.datasets.cityscapes import BENCHMARK as CITYSCAPES
from catseye.runtime.datasets.classes_file import read_classes
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.card import MOST_CLASSES

_COCO_STUFF = """
person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,
parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,
handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,
skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,
sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,
toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,
clock,vase,scissors,teddy bear,hair drier,toothbrush,
banner,blanket,branch,bridge,building-other,bush,cabinet,cage,cardboard,carpet,ceiling-other,
ceiling-tile,cloth,clothes,clouds,counter,cupboard,curtain,desk-stuff,dirt,door-stuff,fence,
floor-marble,floor-other,floor-stone,floor-tile,floor-wood,flower,fog,food-other,fruit,
furniture-other,grass,gravel,ground-other,hill,house,leaves,light,mat,metal,mirror-stuff,moss,
mountain,mud,napkin,net,paper,pavement,pillow,plant-other,plastic,platform,playingfield,railing,
railroad,river,road,rock,roof,rug,salad,sand,sea,shelf,sky-other,skyscraper,snow,solid-other,stairs,
stone,straw,structural-other,table,tent,textile-other,towel,tree,vegetable,wall-brick,wall-concrete,
wall-other,wall-panel,wall-stone,wall-tile,wall-wood,water-other,waterdrops,window-blind,
window-other,wood
"""


def class_table(names: tuple[str, ...], road: str, most: int = MOST_CLASSES) -> ClassTable:
    """Names in colours of their own; road: a name, or "" for the class called so, where there is
    one. Raises CatseyeError for a road that is no class, and for too many classes."""
    return with_road(ClassTable(names, with_missing_colours([None] * len(names)), VOID), road, most)


def with_road(table: ClassTable, road: str, most: int = MOST_CLASSES) -> ClassTable:
    """The table with the class that the car drives on, "" for the one called so. Raises
    CatseyeError for one that is no class, and for names that are not 2 to `most`."""
    names = table.names
    if not 2 <= len(names) <= most or len(set(names)) < len(names):
        raise CatseyeError(f"{len(names)} classes", f"2 to {most} of different names")
    if road and road not in names:
        raise CatseyeError(f"--road {road!r}", f"a class: {listed(names)}")
    wanted = road or next((name for name in names if name.lower() == "road"), "")
    return table._replace(road=names.index(wanted) if wanted else table.road)


def table_named(text: str, most: int = MOST_CLASSES) -> ClassTable:
    """What --classes names. Raises CatseyeError for anything else."""
    if text in TABLES:
        return TABLES[text]
    if text.isdigit() and 2 <= int(text[:6]) <= most:
        return class_table(numbered(int(text)), "", most)
    if os.path.isfile(text):
        return read_classes(text).classes
    if text == "1":
        raise CatseyeError("--classes 1", "--road NAME", "it names the one class of a network")
    raise CatseyeError(
        f"--classes {text!r}",
        f"a classes.json, one of {', '.join(TABLES)}, or a number from 2 to {most}",
        "docs/data.md shows a classes.json",
    )


def numbered(count: int) -> tuple[str, ...]:
    return tuple(f"class {i}" for i in range(count))


TABLES = {
    "camvid": CAMVID,
    "cityscapes": CITYSCAPES,
    "bdd": CITYSCAPES,
    "coco-stuff": class_table(tuple(_COCO_STUFF.replace("\n", "").strip().split(",")), ""),
}

"""Nobody decodes a picture but the reader, and a few who never see a file of the user's."""

import re

from house import FOLDERS, ROOT

DECODES = re.compile(r"cv2\s*\.\s*(imread|imdecode)\w*\s*\(|from cv2 import")
# and whose bytes these are
ALLOWED = {
    "runtime/picture_files/reading.py": "files, for everybody",
    "runtime/recording/picture.py": "our own recording's, of one kind of PNG",
    "training/augmentation/sensor.py": "its own, a JPEG's losses laid over a picture",
    "jetson/ros2/catseye_ros/pictures.py": "a ROS message's",
}


def test_pictures_have_one_reader():
    decoding = {
        str(path.relative_to(ROOT))
        for folder in (*FOLDERS, "catseye/commands")
        for path in (ROOT / folder).rglob("*.py")
        if DECODES.search(path.read_text())
    }
    assert decoding == set(ALLOWED)
    assert DECODES.search("image = cv2.imread(path)")

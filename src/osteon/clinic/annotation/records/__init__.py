"""Records of annotation: frozen values that the store keeps, the API sends, and agreement and snapshots read.

Projects and their studies are in ``project``, what readers do in ``event``, what they said in ``read``, what was decided
of it in ``consensus``. ``project_content`` holds all of one project. Positions of images count from 0; regions are in pixels
of the stored image: x to the right, y down, the origin at the outer corner of the top left pixel.
"""

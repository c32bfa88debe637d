"""What lies where images come from: folders, zip and tar files, and what ``fsspec`` reaches, listed without decoding."""

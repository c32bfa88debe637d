"""Reading archives: any number of images from folders, zip and tar files and URLs, to a table that grows part by part."""

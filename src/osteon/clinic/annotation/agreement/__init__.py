"""Agreement of the readers of a project: figures at the levels of study, image and region, and what each reader did."""

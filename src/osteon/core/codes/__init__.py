"""Facts as codes with values: why something is refused, noted, unreadable, or does not answer.

``core.wording`` has the sentences.
"""

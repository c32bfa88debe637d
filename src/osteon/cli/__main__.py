"""``python -m osteon.cli``: the same as the ``osteon`` command."""

from osteon.cli import main

if __name__ == "__main__":
    main()

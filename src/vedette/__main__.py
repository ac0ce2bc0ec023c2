"""``python -m vedette``: the command line, where its script is not on the path."""

from vedette.cli.main import main

main()

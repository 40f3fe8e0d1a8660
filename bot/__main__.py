"""`python -m bot` is `wkm-bot`."""

from bot.cli import main

main()

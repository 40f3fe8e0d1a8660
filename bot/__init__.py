"""The WKM privacy mail bot."""

__version__ = "0.1.0"

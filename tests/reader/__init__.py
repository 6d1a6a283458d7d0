"""Tests of the static witness."""

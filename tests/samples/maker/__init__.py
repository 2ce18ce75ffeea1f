"""Renders the tables of the sample reports and states what a reader must find in them."""

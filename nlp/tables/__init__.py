"""The official tables of a report, from any layout, and the relations that check them."""

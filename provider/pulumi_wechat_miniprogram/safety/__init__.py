"""What protects users throughout: masked credentials, printable text, bounded reads, interrupts."""

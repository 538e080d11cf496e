"""What protects users everywhere: masked credentials, printable text, bounded reads, interrupts."""

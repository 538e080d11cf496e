"""The use cases on domain lists: observe, plan, apply; and the pure rules that they follow."""

"""What a deployment costs a month, from its templates and list prices."""

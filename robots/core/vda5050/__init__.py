"""VDA 5050, both sides, without any connection (sans-IO): `fleet_side`, `robot_side`, and what they share."""

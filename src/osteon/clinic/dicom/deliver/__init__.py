"""Delivering: the objects of results, made once, and carried until their destination has them."""

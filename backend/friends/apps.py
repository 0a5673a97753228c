from django.apps import AppConfig


class FriendsConfig(AppConfig):
    name = "backend.friends"
    label = "friends"

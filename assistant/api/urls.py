from django.urls import path

from assistant.api.app import api

urlpatterns = [path("", api.urls)]

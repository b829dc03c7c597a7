from django.urls import path, re_path

from assistant.api.app import api, nowhere

# The framework's own root is a page; what it does not know it leaves to the site.
urlpatterns = [path("", nowhere), path("", api.urls), re_path("", nowhere)]

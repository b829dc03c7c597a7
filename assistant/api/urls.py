from django.urls import path, re_path

from assistant.api.app import api, in_one_shape, nowhere

operations, app, namespace = api.urls
for operation in operations:
    operation.callback = in_one_shape(operation.callback)  # type: ignore[arg-type]  # each has one

# The framework's own root is a page; what it does not know it leaves to the site.
urlpatterns = [path("", nowhere), path("", (operations, app, namespace)), re_path("", nowhere)]

"""Every address of the product, in the order of docs/contract.md."""

from django.contrib import admin
from django.urls import include, path

from assistant.desk.accounts import limited

admin.autodiscover()

urlpatterns = [
    path("", include("assistant.widget.urls")),
    path("desk/", include("assistant.desk.urls")),
    path("admin/try/", include("assistant.insights.urls")),
    path("admin/login/", limited(admin.site.login)),
    path("admin/", admin.site.urls),
    path("", include("assistant.project.health_urls")),
    path("api/v1/", include("assistant.api.urls")),
]
handler500 = "assistant.project.error_page.server_error"

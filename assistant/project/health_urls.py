from django.urls import path

from assistant.project import figures, health

urlpatterns = [
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
    path("metrics", figures.show),
]

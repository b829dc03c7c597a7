from django.urls import path

from assistant.widget import embed, help_centre, site

urlpatterns = [
    path("", site.demo, name="demo"),
    path("widget.js", embed.loader, name="widget-loader"),
    path("widget/<str:key>/settings.json", embed.settings, name="widget-settings"),
    path("widget/<str:key>/", embed.page, name="widget-page"),
    path("help/", help_centre.collections, name="help"),
    path("help/<slug:slug>/", help_centre.collection, name="help-collection"),
    path("help/<slug:slug>/<path:article>", help_centre.article, name="help-article"),
]

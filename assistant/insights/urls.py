from django.contrib import admin
from django.urls import path

from assistant.insights import views

app_name = "insights"
urlpatterns = [path("", admin.site.admin_view(views.try_question), name="try")]

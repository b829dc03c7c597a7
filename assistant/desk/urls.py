"""Addresses of the desk; conversations are named by their random ids alone."""

from django.urls import path

from assistant.desk import accounts, actions, views

app_name = "desk"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("list/", views.rows, name="rows"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/head/", views.head, name="head"),
    path("c/<uuid:conversation_id>/side/", views.side, name="side"),
    path("c/<uuid:conversation_id>/turns/<uuid:turn_id>/", views.turn, name="turn"),
    path("c/<uuid:conversation_id>/take-over/", actions.take_over, name="take_over"),
    path("c/<uuid:conversation_id>/hand-back/", actions.hand_back, name="hand_back"),
    path("c/<uuid:conversation_id>/resolve/", actions.resolve, name="resolve"),
    path("c/<uuid:conversation_id>/notes/", actions.add_note, name="add_note"),
    path("c/<uuid:conversation_id>/draft/", actions.save_draft, name="save_draft"),
    path("account/", accounts.account, name="account"),
    path("account/preferences/", accounts.preferences, name="preferences"),
    path("account/password/", accounts.DeskPasswordView.as_view(), name="password"),
    path("avatars/<str:name>", accounts.avatar, name="avatar"),
    path("login/", accounts.DeskLoginView.as_view(), name="login"),
    path("logout/", accounts.DeskLogoutView.as_view(), name="logout"),
]

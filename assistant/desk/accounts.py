"""Logging in and out, and an agent's own account."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistant.conversations.limits import client_address
from assistant.desk import avatars, login_limits
from assistant.desk.access import AgentRequest, agents_only, private
from assistant.desk.forms import PreferencesForm, ProfileForm

LIMITED = "Too many attempts. Wait five minutes, then try again."


def limited(log_in: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that logs people in, with limited attempts: those at the desk and at the administration count together."""

    @wraps(log_in)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return log_in(request, *args, **kwargs)
        address, name = _address(request), request.POST.get("username", "")
        if not login_limits.allow(address, name):
            context = {"limited": LIMITED, "next": request.POST.get("next", "")}
            return private(render(request, "desk/login.html", context, status=429))
        before = request.user.pk
        response = log_in(request, *args, **kwargs)
        if request.user.pk not in (None, before):
            login_limits.forget(address, name)
        return response

    return guarded


@method_decorator(limited, name="dispatch")
class DeskLoginView(LoginView):
    """Log-in; Django checks that `next` leads to this site."""

    template_name = "desk/login.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return cast(HttpResponse, private(super().dispatch(request, *args, **kwargs)))


def _address(request: HttpRequest) -> str:
    """The browser's network address, as far as trusted proxies tell it."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return client_address(request.META.get("REMOTE_ADDR"), forwarded, settings.TRUSTED_PROXIES) or ""


class DeskLogoutView(LogoutView):
    """Log-out, by POST alone."""

    next_page = "desk:login"


@method_decorator(agents_only, name="dispatch")
class DeskPasswordView(PasswordChangeView):
    """A new password of one's own; every other session of the user ends."""

    template_name = "desk/password.html"
    success_url = reverse_lazy("desk:account")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Other browsers have been logged out.")
        return super().form_valid(form)


@agents_only
@require_http_methods(["GET", "POST"])
def account(request: AgentRequest) -> HttpResponseBase:
    """The agent's name and picture."""
    form = ProfileForm(request.POST or None, request.FILES or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("desk:account")
    return render(request, "desk/account.html", {"form": form})


@require_GET
def avatar(request: HttpRequest, name: str) -> FileResponse:
    """An agent's picture, which customers see too; whatever is in the file, browsers take it as a picture."""
    kind = avatars.TYPES.get(name.rpartition(".")[2])
    if kind is None:
        raise Http404
    try:
        picture = (avatars.folder() / Path(name).name).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(picture, content_type=kind)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@agents_only
@require_POST
def preferences(request: AgentRequest) -> HttpResponseBase:
    """Store all switches of the account menu."""
    form = PreferencesForm(request.POST, instance=request.user)
    form.save(commit=False).save(update_fields=PreferencesForm.Meta.fields)
    return HttpResponse(status=204)

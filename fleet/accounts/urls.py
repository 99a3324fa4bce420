from django.urls import path

from . import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("password/", views.PasswordView.as_view(), name="password"),
    path("language/", views.language, name="language"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
]

"""Which language a request is answered in: the browser's cookie, else its Accept-Language, else English.

It asks neither the session nor the database: the stop path goes through here too.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

PROGRAMS = "/api/v1/"


class LanguageMiddleware(LocaleMiddleware):
    """Django's own, except that programs always get English: what they compare must not depend on a header."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(PROGRAMS):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if request.path_info.startswith(PROGRAMS) else super().process_response(request, response)

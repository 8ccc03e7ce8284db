"""A service with OpenTelemetry's SDK for Python: it calls what it is told to, and answers with what
it is called with. Its propagators are those of its arguments; its first line is its port."""

import json
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import baggage, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.propagators.b3 import B3MultiFormat, B3SingleFormat
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PROPAGATORS = {
    "tracecontext": TraceContextTextMapPropagator,
    "baggage": W3CBaggagePropagator,
    "b3": B3SingleFormat,
    "b3multi": B3MultiFormat,
    "jaeger": JaegerPropagator,
    "xray": AwsXRayPropagator,
}
propagator = CompositePropagator([PROPAGATORS[name]() for name in sys.argv[1:]])
tracer = TracerProvider().get_tracer("service")


class Headers(dict):
    def get(self, name, default=None):
        return super().get(name.lower(), default)


def told(context):
    span = trace.get_current_span(context).get_span_context()
    return {
        "traceId": format(span.trace_id, "032x"),
        "spanId": format(span.span_id, "016x"),
        "flags": int(span.trace_flags),
        "state": span.trace_state.to_header(),
        "baggage": dict(baggage.get_all(context)),
    }


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, value):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def do_GET(self):
        """Tells the context that the caller sent."""
        headers = Headers((name.lower(), value) for name, value in self.headers.items())
        self.answer(told(propagator.extract(headers, Context())))

    def do_POST(self):
        """Calls `url` in a span of the trace that `headers` tell of, with `baggage`."""
        call = json.loads(self.rfile.read(int(self.headers["content-length"])))
        context = TraceContextTextMapPropagator().extract(call["headers"], Context())
        for name, value in call["baggage"].items():
            context = baggage.set_baggage(name, value, context)
        with tracer.start_as_current_span("call", context) as span:
            context = trace.set_span_in_context(span, context)
            headers = {}
            propagator.inject(headers, context)
            request = urllib.request.Request(call["url"], headers=headers)
            with urllib.request.urlopen(request, timeout=20) as response:
                self.answer({"caller": told(context), "answer": json.loads(response.read())})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()

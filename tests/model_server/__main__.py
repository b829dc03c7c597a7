"""`python -m tests.model_server --port 9000`: the model server on its own."""

import argparse

import uvicorn

from tests.model_server.app import ModelServer, named


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--knobs", default="", help="as in a model's name, such as echo+first:0.2+token:0.02")
    arguments = parser.parse_args()
    app = ModelServer()
    app.knobs = named(arguments.knobs, app.knobs)
    uvicorn.run(app, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()

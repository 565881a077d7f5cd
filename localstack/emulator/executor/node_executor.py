"""A runtime executor for LocalStack's Lambda that runs Node.js functions as local processes instead of containers.

LocalStack creates one executor per execution environment and invokes it once at a time. Each owns one Node.js process,
`bootstrap.ts`, and talks to it over a socket: one JSON document per line each way. LocalStack finds this module by the
entry point in the `dist-info` folder beside it, and selects it by LAMBDA_RUNTIME_EXECUTOR=node.
"""

import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

BOOTSTRAP = Path(__file__).with_name("bootstrap.ts")


class Ended(Exception):
    """The process ended instead of answering."""


class NodeProcess:
    """A function's process, from its cold start to its end."""

    def __init__(self, env, log):
        self.socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [os.environ["LAMBDA_NODE_BINARY"], BOOTSTRAP, str(theirs.fileno())],
                cwd=env["LAMBDA_TASK_ROOT"],
                env=env,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.replies = self.socket.makefile(encoding="utf-8")

    def send(self, request):
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise Ended from error

    def reply(self, timeout):
        """The next reply. Raises TimeoutError, after which the process is of no more use, or Ended."""
        self.socket.settimeout(timeout)
        try:
            line = self.replies.readline()
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended from error
        if not line:
            raise Ended
        return json.loads(line)

    def is_running(self):
        return self.process.poll() is None

    def exit_error(self, request_id):
        status = self.process.wait()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        return {"errorType": "Runtime.ExitError", "errorMessage": message}

    def end(self):
        self.process.kill()
        self.process.wait()
        self.socket.close()


class NodeExecutor(RuntimeExecutor):
    def start(self, env_vars):
        code = self.function_version.config.code.get_unzipped_code_location()
        self.env = {name: str(value) for name, value in env_vars.items()}
        self.env.update(LAMBDA_TASK_ROOT=str(code), PATH=os.environ["PATH"])
        self.log = tempfile.TemporaryFile()
        failure = self.cold_start()
        if failure:
            raise StatusErrorException("the function failed to start", json.dumps(failure).encode())

    def cold_start(self):
        """Starts a process. Returns the error of a function that cannot be loaded."""
        self.node = NodeProcess(self.env, self.log)
        try:
            failure = self.node.reply(config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT).get("error")
        except Ended:
            failure = self.node.exit_error("unknown")
        except TimeoutError:
            failure = {"errorType": "Sandbox.Timedout", "errorMessage": "the function's module did not load in time"}
        if failure:
            self.node.end()
        return failure

    def invoke(self, payload):
        request_id = payload["invoke-id"]
        before = self.log_size()
        started = time.monotonic()
        # On AWS too, a crash or a timeout makes the next invocation a cold start.
        failure = None if self.node.is_running() else self.cold_start()
        reply = {"error": failure} if failure else self.ask(request_id, payload)
        duration = (time.monotonic() - started) * 1000
        logs = (
            f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
            f"{self.log_from(before)}"
            f"END RequestId: {request_id}\n"
            f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\n"
        )
        failed = "error" in reply
        result = json.dumps(reply["error"]) if failed else reply["result"]
        return InvocationResult(request_id, result.encode(), failed, logs)

    def ask(self, request_id, payload):
        timeout = self.function_version.config.timeout
        request = {
            "requestId": request_id,
            "functionArn": payload["invoked-function-arn"],
            "payload": payload["payload"],
            "deadlineMs": int((time.time() + timeout) * 1000),
        }
        try:
            self.node.send(request)
            return self.node.reply(timeout)
        except TimeoutError:
            self.node.end()
            message = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
            return {"error": {"errorType": "Sandbox.Timedout", "errorMessage": message}}
        except Ended:
            return {"error": self.node.exit_error(request_id)}

    def log_size(self):
        return os.fstat(self.log.fileno()).st_size

    def log_from(self, start):
        return os.pread(self.log.fileno(), self.log_size() - start, start).decode(errors="replace")

    def stop(self):
        self.node.end()

    def get_logs(self):
        return self.log_from(0)

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return config.GATEWAY_LISTEN[0].host

    def get_runtime_endpoint(self):
        return ""  # Nothing calls it: the socket takes its place.

    @classmethod
    def prepare_version(cls, function_version):
        runtime = str(function_version.config.runtime)
        if not runtime.startswith("nodejs"):
            raise NotImplementedError(f"only Node.js functions run without Docker, this one wants {runtime}")
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        pass


class NodeExecutorPlugin(RuntimeExecutorPlugin):
    name = "node"

    def load(self, *args, **kwargs):
        return NodeExecutor

"""Runs LocalStack until standard input ends, so that it cannot outlive the tests that started it, however they end."""

import os
import shutil
import signal
import sys
import threading

from localstack.runtime.main import main


def end_with_parent():
    sys.stdin.buffer.read()
    shutil.rmtree(os.environ["FILESYSTEM_ROOT"], ignore_errors=True)
    # The whole process group: the functions' processes belong to it.
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()
main()

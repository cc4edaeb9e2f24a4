FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv --without-pip /opt/broadsheet \
    && python -m pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && python -m pip --python /opt/broadsheet install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY adapters adapters
COPY bot bot
RUN python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/broadsheet install --no-cache-dir --no-deps dist/*.whl

FROM python:3.13-slim
# Debian's archive keeps one version of tini at a time, so a pin would break the build on its next update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && python -m pip uninstall --yes pip \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin broadsheet \
    && install --directory --owner broadsheet --group broadsheet --mode 0700 /data
COPY --from=build /opt/broadsheet /opt/broadsheet
ENV PATH=/opt/broadsheet/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_DATA_HOME=/data \
    BROADSHEET_WEB__HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Healthy means that the bot holds its data folder. `broadsheet status` would ask for the same lock and be refused.
HEALTHCHECK --interval=1m --timeout=5s --start-period=30s \
    CMD ["sh", "-c", "flock --nonblock --conflict-exit-code 75 /data/broadsheet/lock true; test $? -eq 75"]
ENTRYPOINT ["tini", "--", "broadsheet"]
CMD ["run"]

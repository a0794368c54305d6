# perfpilot with Java and JMeter inside. The same image runs the demo service of docker-compose.yml.
FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless maven \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home perfpilot

WORKDIR /app
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock -r requirements-build.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && chown -R perfpilot /app

USER perfpilot
# JMeter goes into the user's cache now, so that a run needs no network but its target's.
RUN perfpilot doctor --install
VOLUME /app/runs
ENTRYPOINT ["perfpilot"]
CMD ["--help"]

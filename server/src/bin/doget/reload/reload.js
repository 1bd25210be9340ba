// Loads this page again when a file of the site has changed. `doget --reload` put it into the page.
(() => {
    const script = new URL(document.currentScript.src);
    const address = new URL("reload", script);
    address.protocol = script.protocol.replace("http", "ws");
    address.search = "";
    // The version of all files when this page was sent.
    let version = script.search.slice(1);
    let isLeft = false;
    let socket;

    // A page that is gone is kept until it is back: the server's page about it would not come back by itself.
    const reload = async to => {
        const before = version;
        version = to;
        try {
            const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
            const status = performance.getEntriesByType("navigation")[0]?.responseStatus;
            // A page that a cache keeps giving is not loaded again and again.
            const isKept = sessionStorage.getItem("doget-reload") === `${before} ${to}`;
            if ((answer.ok || answer.status === status) && !isKept) {
                sessionStorage.setItem("doget-reload", `${before} ${to}`);
                location.reload();
            }
        } catch {
            // The server has gone just now. When it is back, the page is too old again.
            version = before;
        }
    };

    // Takes the new style sheets in place of the old ones; false if one of them imports others.
    const restyle = () => {
        const links = [...document.querySelectorAll('link[rel~="stylesheet"][href]')];
        const own = links.filter(link => new URL(link.href).origin === location.origin);
        const imports = sheet => [...sheet.cssRules].some(rule => rule instanceof CSSImportRule);
        try {
            if (own.length === 0 || [...document.styleSheets].some(imports)) {
                return false;
            }
        } catch {
            // The rules of another site's sheet cannot be read.
            return false;
        }
        for (const old of own) {
            const fresh = old.cloneNode();
            const address = new URL(old.href);
            address.searchParams.set("doget-reload", version);
            fresh.href = address;
            fresh.onload = fresh.onerror = () => old.remove();
            old.after(fresh);
        }
        return true;
    };

    const connect = () => {
        socket = new WebSocket(address);
        socket.onmessage = ({ data }) => {
            // "page", the version and the one before it; or "styles" if nothing but style sheets has changed.
            const [what, to, before] = data.split(" ");
            if (to === version) {
                return;
            }
            if (what === "styles" && before === version) {
                version = to;
                if (restyle()) {
                    return;
                }
            }
            reload(to);
        };
        socket.onclose = () => {
            if (!isLeft) {
                setTimeout(connect, 1000);
            }
        };
    };

    // A page that the browser keeps to go back to has no socket. When it is shown again it hears the version, and
    // stays as it was if that is still its own.
    addEventListener("pagehide", () => {
        isLeft = true;
        socket.close();
    });
    addEventListener("pageshow", event => {
        if (event.persisted) {
            isLeft = false;
            connect();
        }
    });
    connect();
})();

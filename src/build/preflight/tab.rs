//! One tab of the browser: shows pages that it is handed over the pipe, one after the other, and lets the shell's module measure them.
//! Never loads anything from elsewhere: what is not handed to it fails.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::connection::{BrowserError, Session};
use super::finding::PageFindings;
use super::stand::{HOST, Served};

/// A tab whose every request is answered here.
pub struct Tab {
    session: Session,
    /// Of its window, once it shows the page that measures.
    size: (u32, u32),
}

/// Finds what stands under a path of our host.
pub type Serve<'a> = dyn Fn(&str) -> Option<Served> + 'a;

impl Tab {
    /// Opens a tab; `root` is the browser's own session.
    pub fn open(root: &Session) -> Result<Self, BrowserError> {
        // In a window of its own: a browser draws no tab that lies behind another one, and waits with its pictures.
        let target = root.call("Target.createTarget", json!({ "url": "about:blank", "newWindow": true }))?;
        let attached = root.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }))?;
        let session = root.other(attached["sessionId"].as_str().unwrap_or_default());
        for method in ["Page.enable", "Inspector.enable", "Fetch.enable"] {
            session.call(method, json!({}))?;
        }
        Ok(Self { session, size: (0, 0) })
    }

    /// Shows a page at a size in pixels and measures it.
    pub fn measure(&mut self, path: &str, size: (u32, u32), serve: &Serve<'_>) -> Result<PageFindings, BrowserError> {
        if self.size == (0, 0) {
            self.call("Page.navigate", json!({ "url": format!("{HOST}/") }), serve)?;
        }
        if self.size != size {
            let metrics = json!({ "width": size.0, "height": size.1, "deviceScaleFactor": 1, "mobile": false });
            self.call("Emulation.setDeviceMetricsOverride", metrics, serve)?;
            self.size = size;
        }
        let address = serde_json::to_string(&format!("{HOST}/{path}")).unwrap_or_default();
        // The module of the host's page may still be on its way.
        let ask = format!(
            "(async () => {{ while (!window.preflight) await new Promise((go) => setTimeout(go, 5)); return preflight({address}, {}, {}); }})()",
            size.0, size.1
        );
        let answer = self.call("Runtime.evaluate", json!({ "expression": ask, "awaitPromise": true, "returnByValue": true }), serve)?;
        if let Some(thrown) = answer["exceptionDetails"]["exception"]["description"].as_str() {
            return Err(BrowserError::Refused(format!("{path}: {thrown}")));
        }
        serde_json::from_value(answer["result"]["value"].clone()).map_err(|error| BrowserError::Refused(format!("{path}: {error}")))
    }

    fn call(&self, method: &str, params: Value, serve: &Serve<'_>) -> Result<Value, BrowserError> {
        self.session.call_with(method, params, &|event, params| match event {
            "Fetch.requestPaused" => self.answer(params, serve),
            _ => Ok(()),
        })
    }

    /// Answers a request of the page.
    fn answer(&self, request: &Value, serve: &Serve<'_>) -> Result<(), BrowserError> {
        let id = &request["requestId"];
        let path = request["request"]["url"].as_str().and_then(|url| url.strip_prefix(HOST)?.strip_prefix('/'));
        let Some(served) = path.and_then(serve) else {
            self.session.tell("Fetch.failRequest", json!({ "requestId": id, "errorReason": "BlockedByClient" }))?;
            return Ok(());
        };
        let header = |name: &str, value: &str| json!({ "name": name, "value": value });
        let headers = [
            header("Content-Type", served.media_type),
            header("Content-Security-Policy", served.policy),
            header("X-Content-Type-Options", "nosniff"),
            // Fonts and style sheets stay in memory from page to page; a page itself is asked for each time.
            header("Cache-Control", "max-age=3600"),
        ];
        let body = BASE64_STANDARD.encode(&served.bytes);
        self.session
            .tell("Fetch.fulfillRequest", json!({ "requestId": id, "responseCode": 200, "responseHeaders": headers, "body": body }))?;
        Ok(())
    }
}

//! What people read in Vietnamese where a library or the system gives the reason.

use serde_json::{Value, json};

use crate::publish::commands::Province;

#[test]
fn a_player_speaks_vietnamese_also_where_a_library_or_the_system_refuses() {
    let province = Province::new();
    let sandbox = &province.0;
    let good = json!({
        "site": "ta-lung", "player": "ta-lung-1", "store": ["store"], "data": "data", "root": "content/trust/root/1.json",
        "reserve_bytes": 0,
    });
    let said = |change: &dyn Fn(&mut Value)| {
        let mut config = good.clone();
        change(&mut config);
        sandbox.write("vi.json", config.to_string());
        // The log is in English.
        let said = sandbox.player(&["--lang", "vi", "pull", "--config", "vi.json"]).stderr;
        said.lines()
            .filter(|line| !["pull: ", "health: ", "journal: "].iter().any(|log| line.starts_with(log)))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    sandbox.write("torn/1.json", "{");
    let cases: [(&str, &str, Value); 14] = [
        ("sites", "không dùng mục “sites”", json!(1)),
        ("site", "thiếu mục “site”", Value::Null),
        ("volume", "chuỗi \"loud\" không hợp lệ ở đây, cần số nguyên từ 0 trở lên", json!("loud")),
        ("volume", "số -1 không hợp lệ ở đây, cần số nguyên từ 0 trở lên", json!(-1)),
        ("data", "true không hợp lệ ở đây, cần chuỗi trong ngoặc kép", json!(true)),
        ("store", "chuỗi \"store\" không hợp lệ ở đây, cần danh sách […]", json!("store")),
        ("store", "“store” có “ftp://x”: cần địa chỉ http://, https:// hoặc một thư mục", json!(["store", "ftp://x"])),
        ("play_key", "với khóa đúng, tạo tại cơ quan bằng: bangtin keys new TỆP --no-password", json!("absent.key")),
        ("root", "không có tệp hoặc thư mục này (lỗi hệ thống số 2)", json!("absent.json")),
        ("root", "văn bản phân quyền", json!("torn/1.json")),
        ("data", "đã có (lỗi hệ thống số 17)", json!("vi.json/data")),
        ("store", "địa chỉ viết sai; sửa lại địa chỉ (lý do của thư viện: ", json!(["http://exa mple/"])),
        ("store", "máy chủ từ chối kết nối (lỗi hệ thống số 111); hãy kiểm tra mạng và địa chỉ", json!([closed])),
        ("store", "không tìm thấy tên máy chủ; hãy kiểm tra mạng và địa chỉ", json!(["http://kho.invalid/"])),
    ];
    for (key, text, value) in cases {
        let found = said(&|config| {
            let keys = config.as_object_mut().unwrap();
            if value.is_null() {
                keys.remove(key)
            } else {
                keys.insert(key.to_owned(), value.clone())
            };
        });
        assert!(found.contains(text), "{key}: {found}");
        let english = ["os error", "No such", "Connection refused", "Not a directory"];
        assert!(english.iter().all(|word| !found.contains(word)), "{key}: {found}");
    }
    sandbox.write("vi.json", "{\"site\": ");
    let torn = sandbox.player(&["--lang", "vi", "pull", "--config", "vi.json"]).code(1).stderr;
    assert!(torn.contains("không đúng cú pháp JSON (lý do của thư viện: "), "{torn}");
}

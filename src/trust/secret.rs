//! Secret keys in stock minisign's form: makes and reads them, and signs with them.
//! Never asks for a password by itself and never shows a key.

use super::keys::PublicKey;
use crate::base::failure::library_reason;
use crate::base::text::Text;
use crate::base::times::Timestamp;

/// A secret key, ready to sign. It deliberately has no `Debug`.
pub struct SecretKey {
    inner: minisign::SecretKey,
    public: PublicKey,
}

impl SecretKey {
    /// Makes a new key. With a password the file is encrypted with scrypt, as by `minisign -G`; without, as by `minisign -G -W`.
    /// Gives the key and the text of its secret key file.
    pub fn generate(password: Option<&str>) -> Result<(Self, String), Text> {
        let pair = match password {
            Some(password) => minisign::KeyPair::generate_encrypted_keypair(Some(password.to_owned())),
            None => minisign::KeyPair::generate_unencrypted_keypair(),
        };
        let file = pair.and_then(|pair| pair.sk.to_box(None)).map_err(|error| key_error(&error))?.into_string();
        let key = Self::from_file_text(&file, || Ok(password.unwrap_or_default().to_owned()))?;
        Ok((key, file))
    }

    /// Whether a file's text has the form of a secret key: one that is encrypted (bytes `Ed`, `Sc`), or one that is not (`Ed`, two zeros).
    pub fn is_file_text(file: &str) -> bool {
        is_encrypted(file) || file.lines().nth(1).is_some_and(|line| line.starts_with("RWQAA") && line.len() > 100)
    }

    /// Reads a secret key file; calls `password` only if the file is encrypted.
    pub fn from_file_text(file: &str, password: impl FnOnce() -> Result<String, Text>) -> Result<Self, Text> {
        let mut once = Some(password);
        Self::from_file_text_asking(file, |_| once.take().map(|password| password()))
    }

    /// As [`SecretKey::from_file_text`]: `password` is called with the number of wrong ones so far, until it gives none.
    pub fn from_file_text_asking(file: &str, mut password: impl FnMut(u32) -> Option<Result<String, Text>>) -> Result<Self, Text> {
        let boxed = || minisign::SecretKeyBox::from(file.to_owned());
        let inner = if is_encrypted(file) {
            let mut wrong = 0;
            loop {
                let Some(given) = password(wrong) else {
                    return Err(crate::text!(vi: "sai mật khẩu của khóa", en: "wrong password for this key"));
                };
                match boxed().into_secret_key(Some(given?)) {
                    Ok(inner) => break inner,
                    Err(error) if error.to_string().contains("Wrong password") => wrong += 1,
                    Err(error) => return Err(key_error(&error)),
                }
            }
        } else {
            let not_a_key = |_| crate::text!(vi: "không phải tệp khóa bí mật minisign", en: "not a minisign secret key file");
            boxed().into_unencrypted_secret_key().map_err(not_a_key)?
        };
        let text = minisign::PublicKey::from_secret_key(&inner).map_err(|error| key_error(&error))?.to_base64();
        let public = PublicKey::parse(&text).ok_or_else(|| crate::text!(vi: "khóa yếu hoặc hỏng", en: "a weak or damaged key"))?;
        Ok(Self { inner, public })
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Gives a whole signature file over these bytes. `name` and `at` go only into the trusted comment, which no check uses.
    pub fn sign(&self, bytes: &[u8], name: &str, at: Timestamp) -> Result<Vec<u8>, Text> {
        let name: String = name.chars().filter(|c| matches!(c, ' '..='~')).take(200).collect();
        let trusted = format!("timestamp:{}\tfile:{name}\thashed", at.0);
        let untrusted = format!("signature from bangtin key {}", self.public.kid());
        let signed = minisign::sign(None, &self.inner, bytes, Some(&trusted), Some(&untrusted)).map_err(|error| key_error(&error))?;
        Ok(signed.into_string().into_bytes())
    }
}

/// A file that is no encrypted key asks nobody for a password.
fn is_encrypted(file: &str) -> bool {
    file.lines().nth(1).is_some_and(|line| line.starts_with("RWRTY0"))
}

fn key_error(error: &minisign::PError) -> Text {
    let reason = library_reason(error);
    crate::text!(vi: "khóa không dùng được: {reason}", en: "the key can't be used: {error}")
}

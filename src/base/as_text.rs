//! Values that the formats write as text: `Display` writes them, `parse` reads them, and any other text is an error.
//! Never defines a form.

/// Implements serde for a type: serialises with `Display`, deserialises with `parse`, which returns `None` for any other text.
#[macro_export]
macro_rules! as_text {
    ($name:ty, $form:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom($form))
            }
        }
    };
}

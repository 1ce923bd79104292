//! Values that the formats write as text: what `Display` writes, `parse` reads, and nothing else is taken.
//! Never knows a form.

/// Serialises a type by its `Display` and reads it back by its `parse`, which gives `None` for any other text.
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

//! How the configuration's objects and words are declared: names, shapes and descriptions, once for reading and schema.

/// Objects, whose fields may all be absent. A field is called as it is written, or as the word behind `as`.
macro_rules! objects {
    ($($(#[$about:meta])* $name:ident {
        $($(#[$described:meta])* $field:ident $(as $word:literal)?: $shape:ty,)*
    })*) => {
        $(
            $(#[$about])*
            #[derive(Default, Debug)]
            #[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
            pub(super) struct $name {
                $(
                    $(#[$described])*
                    $(#[cfg_attr(test, schemars(rename = $word))])?
                    pub(super) $field: Option<$shape>,
                )*
            }

            impl $crate::json::FromJson for $name {
                fn read(value: $crate::json::Value<'_>, mistakes: &mut $crate::json::Mistakes) -> Option<Self> {
                    let fields = &[$(written!($field $($word)?)),*];
                    mistakes.is_object(value, fields).then(|| Self {
                        $($field: mistakes.field(value, written!($field $($word)?)),)*
                    })
                }
            }
        )*
    };
}

/// The name of a field in a configuration.
macro_rules! written {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $word:literal) => {
        $word
    };
}

/// Fields' closed sets of words.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {
        $(
            #[derive(Copy, Clone, PartialEq, Eq, Debug)]
            #[cfg_attr(test, derive(schemars::JsonSchema))]
            pub(super) enum $name { $(#[cfg_attr(test, schemars(rename = $word))] $variant),* }

            impl $crate::json::FromJson for $name {
                fn read(value: $crate::json::Value<'_>, mistakes: &mut $crate::json::Mistakes) -> Option<Self> {
                    let word = mistakes.word(value, &[$($word),*])?;
                    [$(Self::$variant),*].get(word).copied()
                }
            }
        )*
    };
}

pub(super) use {objects, words, written};

//! The functions of a formula: what pages, definitions and declarations say of them, and the primitives.

use crate::{Body, Formula, Function, FunctionId, Name, Primitive};

impl Formula {
    /// The function of this id.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The function of this id, to record a slope that was derived.
    pub fn function_mut(&mut self, id: FunctionId) -> &mut Function {
        &mut self.functions[id.0 as usize]
    }

    /// The functions of the table, in order.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.functions.iter().enumerate().map(|(index, function)| (FunctionId(index as u32), function))
    }

    /// Adds a function; its body and slopes may be set later through [`Formula::function_mut`], since they may mention it.
    pub fn add_function(&mut self, function: Function) -> FunctionId {
        self.functions.push(function);
        FunctionId(self.functions.len() as u32 - 1)
    }

    /// The function in the table that is this primitive, added (without slopes) when it is not there yet.
    pub fn primitive(&mut self, primitive: Primitive) -> FunctionId {
        let known = self.functions().find(|(_, function)| function.body == Body::Primitive(primitive));
        if let Some((id, _)) = known {
            return id;
        }
        let row = primitive.row();
        self.add_function(Function {
            name: Name::from(row.name),
            parameters: row.parameters.iter().map(|name| Name::from(*name)).collect(),
            settings: Vec::new(),
            signature: None,
            body: Body::Primitive(primitive),
            slopes: Default::default(),
            stable: None,
            latex: Some(row.latex.to_owned()),
            code: Default::default(),
            portable: row.portable.is_none(),
        })
    }

    /// The function of this name and these settings' values, if the table has it.
    pub fn find_function(&self, name: &str, settings: &[crate::Setting]) -> Option<FunctionId> {
        self.functions()
            .find(|(_, function)| &*function.name == name && function.settings == settings)
            .map(|(id, _)| id)
    }
}

;;; definitions
(function_signature name: (identifier) @name) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class
(type_alias_declaration name: (_) @name) @definition.class
(abstract_method_signature name: (_) @name) @definition.method
(public_field_definition name: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method
(internal_module name: (_) @name) @scope
(module name: (_) @name) @scope
(expression_statement [(assignment_expression) (internal_module)] @wrapped) @wrapper
(ambient_declaration (_) @wrapped) @wrapper

;;; references
(type_identifier) @type
(class_heritage (extends_clause value: (identifier) @type))

;;; members
(public_field_definition name: (_) @name) @member
(property_signature name: (_) @name) @member
(enum_body name: (_) @name @member)
(enum_assignment name: (_) @name) @member

;;; identifiers
[
  (identifier) (property_identifier) (private_property_identifier) (shorthand_property_identifier) (type_identifier)
] @identifier
